// The Go peer of the smux-ts interop suite and bench: xtaci/smux behind a small command line.
//
//	peer interop -role client|server -version 1|2 [-dial host:port]
//	peer sink    -version 1|2 -streams n -warm ms -measure ms     (bench: receives, prints rates)
//	peer flood   -version 1|2 -streams n -dial host:port          (bench: sends until the session dies)
//	peer echo    -version 1|2                                     (bench: answers 1 KiB per stream)
//	peer small   -version 1|2 -streams n -rounds n -dial host:port
//
// Without -dial it listens and prints "LISTEN port" first. Results are JSON lines on stdout.
package main

import (
	"flag"
	"fmt"
	"net"
	"os"

	"github.com/xtaci/smux"
)

var (
	flags   = flag.NewFlagSet("peer", flag.ExitOnError)
	role    = flags.String("role", "server", "smux role")
	version = flags.Int("version", 1, "smux version")
	dial    = flags.String("dial", "", "address to dial")
	streams = flags.Int("streams", 1, "streams")
	rounds  = flags.Int("rounds", 1, "rounds")
	warm    = flags.Int("warm", 100, "milliseconds before measuring")
	measure = flags.Int("measure", 1000, "milliseconds measured")
)

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("a mode is needed"))
	}
	flags.Parse(os.Args[2:])
	switch os.Args[1] {
	case "interop":
		interop()
	case "sink":
		sink()
	case "flood":
		flood()
	case "echo":
		echo()
	case "small":
		small()
	default:
		fail(fmt.Errorf("unknown mode %q", os.Args[1]))
	}
}

// connect gives the TCP connection of this process: dialled, or the first one accepted.
func connect() net.Conn {
	if *dial != "" {
		conn, err := net.Dial("tcp", *dial)
		fail(err)
		return conn
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	fail(err)
	fmt.Printf("LISTEN %d\n", l.Addr().(*net.TCPAddr).Port)
	conn, err := l.Accept()
	fail(err)
	l.Close()
	return conn
}

func session(conn net.Conn, client bool) *smux.Session {
	config := smux.DefaultConfig()
	config.Version = *version
	var s *smux.Session
	var err error
	if client {
		s, err = smux.Client(conn, config)
	} else {
		s, err = smux.Server(conn, config)
	}
	fail(err)
	return s
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(1)
	}
}
