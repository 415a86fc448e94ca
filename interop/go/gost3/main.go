// Command gost3 runs real GOST v3 components as an interop peer of Sockeye.
//
// It takes the arguments of the `gost` command that the tests need (-L, -F,
// -C, -O, -D, -DD, -V) and hands them to GOST's own parser and loader, so every
// byte on the wire and every line of `-O yaml` is GOST's. Two things are added:
// stdout tells in JSON lines how many services there will be and, for each that
// accepts, the address it really has; and SIGTERM ends the process at once.
//
// Not here: the control API, metrics, reload and " -- " separated processes.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/go-gost/core/service"
	"github.com/go-gost/x/config"
	"github.com/go-gost/x/config/loader"
	"github.com/go-gost/x/config/parsing/parser"
	"github.com/go-gost/x/registry"
)

// list is a flag that may be given several times.
type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(v string) error { *l = append(*l, v); return nil }

// starting is the first line: how many ready lines will follow.
type starting struct {
	Starting int `json:"starting"`
}

// ready is the line printed once a service accepts.
//
// Remote services (rtcp, rudp) listen at the far end of their chain. For rtcp
// the line comes after the far end confirmed its address; GOST does not expose
// that moment for rudp, so Bound is false and Address is what was asked for.
type ready struct {
	Ready    bool   `json:"ready"`
	Service  string `json:"service"`
	Handler  string `json:"handler"`
	Listener string `json:"listener"`
	Address  string `json:"address"`
	Bound    bool   `json:"bound"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gost3:", err)
		os.Exit(1)
	}
}

func run() error {
	var services, nodes, files list
	var format string
	var isDebug, isTrace, isVersion bool
	flag.Var(&services, "L", "service URL (repeatable)")
	flag.Var(&nodes, "F", "chain node URL (repeatable)")
	flag.Var(&files, "C", "configuration file (repeatable)")
	flag.StringVar(&format, "O", "", "print the configuration as yaml or json and exit")
	flag.BoolVar(&isDebug, "D", false, "log at debug level")
	flag.BoolVar(&isTrace, "DD", false, "log at trace level")
	flag.BoolVar(&isVersion, "V", false, "print versions and exit")
	flag.Parse()
	if flag.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	}
	if isVersion {
		fmt.Println(version())
		return nil
	}

	parser.Init(parser.Args{
		CfgFiles: files,
		Services: services,
		Nodes:    nodes,
		Debug:    isDebug,
		Trace:    isTrace,
	})
	cfg, err := parser.Parse()
	if err != nil {
		return err
	}
	if format != "" {
		return cfg.Write(os.Stdout, format)
	}
	if len(cfg.Services) == 0 {
		return errors.New("no service: give -L or -C")
	}

	config.Set(cfg)
	if err := loader.Load(cfg); err != nil {
		return err
	}
	return serve(cfg)
}

// serve runs every configured service until a signal arrives or one of them ends.
func serve(cfg *config.Config) error {
	var out sync.Mutex
	announce := func(line any) {
		out.Lock()
		defer out.Unlock()
		_ = json.NewEncoder(os.Stdout).Encode(line)
	}

	announce(starting{len(cfg.Services)})
	ended := make(chan error, len(cfg.Services))
	for _, sc := range cfg.Services {
		svc := registry.ServiceRegistry().Get(sc.Name)
		if svc == nil {
			return fmt.Errorf("service %q did not start", sc.Name)
		}
		line := ready{Ready: true, Service: sc.Name, Handler: sc.Handler.Type, Listener: sc.Listener.Type}
		asked := svc.Addr()
		go func() { ended <- fmt.Errorf("service %s ended: %w", line.Service, svc.Serve()) }()
		go func() {
			line.Address, line.Bound = address(svc, asked, line.Listener)
			announce(line)
		}()
	}

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	select {
	case <-signals:
		return nil
	case err := <-ended:
		return err
	}
}

// address tells where svc accepts. The local listeners of GOST bind while they
// are loaded. An rtcp listener binds in its first Accept and replaces the
// address it was asked for by the one it got, so a change of identity is the
// only sign that GOST gives.
func address(svc service.Service, asked net.Addr, listener string) (string, bool) {
	switch listener {
	case "rudp":
		return asked.String(), false
	case "rtcp":
		for svc.Addr() == asked {
			time.Sleep(5 * time.Millisecond)
		}
	}
	return svc.Addr().String(), true
}

// version names the GOST modules that were built in.
func version() string {
	parts := []string{"gost3"}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if strings.HasPrefix(dep.Path, "github.com/go-gost/") {
				parts = append(parts, dep.Path+" "+dep.Version)
			}
		}
	}
	return strings.Join(append(parts, runtime.Version()), ", ")
}
