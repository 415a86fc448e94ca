//go:build tools

// Package tools pins the gost v2 command as a dependency of this module, so
// that `go build github.com/ginuerzh/gost/cmd/gost` builds the committed
// version. It is never compiled.
package tools

import _ "github.com/ginuerzh/gost/cmd/gost"
