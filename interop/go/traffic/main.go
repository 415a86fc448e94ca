// Command traffic loads a SOCKS5 proxy on loopback and prints one JSON line of what it measured. It holds both ends: the
// client that speaks SOCKS5 and the target behind the proxy, so that the proxy is what is measured. Bounded in time and count.
//
//	traffic -proxy 127.0.0.1:1080 -mode bulk -streams 8 -dir down -seconds 2 [-pid N]
//	modes: bulk (Gbit/s), cps (connections/s), rr (1 KiB round trips/s), udp (datagram round trips/s), idle (memory per connection)
//
// -warm N does N operations first (bulk: MiB) that are not measured, so that a program is measured as it runs, not as it starts:
// what compiles while it runs gets there by work, not by time. It ends after 10 seconds in any case.
// -pid adds the CPU seconds and resident bytes of those processes (comma separated) over the measured time.
package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

type result struct {
	Mode     string  `json:"mode"`
	Streams  int     `json:"streams"`
	Rate     float64 `json:"rate"`
	Unit     string  `json:"unit"`
	Fairness float64 `json:"fairness,omitempty"`
	P50us    float64 `json:"p50us,omitempty"`
	P99us    float64 `json:"p99us,omitempty"`
	LossPct  float64 `json:"lossPercent,omitempty"`
	CPU      float64 `json:"cpuSeconds,omitempty"`
	PerConn  float64 `json:"bytesPerConnection,omitempty"`
	RSS      int64   `json:"rssBytes,omitempty"`
	Errors   int     `json:"errors"`
	Note     string  `json:"note,omitempty"`
}

var (
	proxy   = flag.String("proxy", "", "SOCKS5 proxy host:port; empty connects directly")
	mode    = flag.String("mode", "bulk", "bulk, cps, rr, udp, idle")
	streams = flag.Int("streams", 1, "parallel streams, connections or datagrams in flight")
	dir     = flag.String("dir", "down", "bulk: down or up")
	seconds = flag.Float64("seconds", 1, "measured time")
	size    = flag.Int("size", 1024, "rr, udp: payload bytes")
	pids    = flag.String("pid", "", "processes whose CPU is counted")
	warm    = flag.Int64("warm", 0, "operations (bulk: MiB) before the measurement")
	verify  = flag.Bool("verify", false, "bulk down: check every byte")
)

func main() {
	flag.Parse()
	if *seconds > 30 || *streams > 20000 {
		fail(errors.New("bounded: at most 30 seconds and 20000 streams"))
	}
	run, ok := map[string]func() (result, error){"bulk": bulk, "cps": cps, "rr": rr, "udp": udp, "idle": idle}[*mode]
	if !ok {
		fail(fmt.Errorf("no mode %q", *mode))
	}
	r, err := run()
	if err != nil {
		fail(err)
	}
	r.Mode, r.Streams = *mode, *streams
	out, _ := json.Marshal(r)
	fmt.Println(string(out))
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "traffic:", err)
	os.Exit(1)
}

// dial opens a connection to target through the proxy.
func dial(target *net.TCPAddr) (*net.TCPConn, error) {
	if *proxy == "" {
		return net.DialTCP("tcp", nil, target)
	}
	c, err := net.DialTimeout("tcp", *proxy, 10*time.Second)
	if err != nil {
		return nil, err
	}
	c.SetDeadline(time.Now().Add(15 * time.Second))
	if _, err = request(c, 1, target.IP.To4(), target.Port); err != nil {
		c.Close()
		return nil, err
	}
	c.SetDeadline(time.Time{})
	return c.(*net.TCPConn), nil
}

// request greets and asks; it returns the bound address of the reply.
func request(c net.Conn, cmd byte, ip net.IP, port int) (*net.UDPAddr, error) {
	if _, err := c.Write([]byte{5, 1, 0}); err != nil {
		return nil, err
	}
	var b [262]byte
	if _, err := io.ReadFull(c, b[:2]); err != nil {
		return nil, err
	}
	if b[1] != 0 {
		return nil, fmt.Errorf("method %d", b[1])
	}
	req := append([]byte{5, cmd, 0, 1}, ip...)
	if _, err := c.Write(binary.BigEndian.AppendUint16(req, uint16(port))); err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(c, b[:4]); err != nil {
		return nil, err
	}
	if b[1] != 0 {
		return nil, fmt.Errorf("reply %d", b[1])
	}
	n := 4
	if b[3] == 4 {
		n = 16
	}
	if _, err := io.ReadFull(c, b[:n+2]); err != nil {
		return nil, err
	}
	return &net.UDPAddr{IP: append(net.IP{}, b[:n]...), Port: int(binary.BigEndian.Uint16(b[n:]))}, nil
}

func serve(handle func(*net.TCPConn)) (*net.TCPAddr, error) {
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	go func() {
		for {
			c, err := l.AcceptTCP()
			if err != nil {
				return
			}
			go handle(c)
		}
	}()
	return l.Addr().(*net.TCPAddr), nil
}

// pattern fills b with bytes that depend on the stream offset only.
func pattern(b []byte, offset int64) {
	for i := range b {
		n := offset + int64(i)
		b[i] = byte(n*7 ^ n>>8 ^ n>>17)
	}
}

func source(c *net.TCPConn) {
	defer c.Close()
	block := make([]byte, 1<<20)
	var offset int64
	pattern(block, 0)
	for {
		if *verify {
			pattern(block, offset)
		}
		n, err := c.Write(block)
		offset += int64(n)
		if err != nil {
			return
		}
	}
}

// discard counts what arrives without copying it to user space where the system can (MSG_TRUNC).
func discard(c *net.TCPConn, count *atomic.Int64) {
	raw, err := c.SyscallConn()
	if err != nil {
		return
	}
	buf := make([]byte, 1<<20)
	for {
		n := 0
		err := raw.Read(func(fd uintptr) bool {
			var e error
			n, _, e = syscall.Recvfrom(int(fd), buf, syscall.MSG_TRUNC)
			if e == syscall.EAGAIN {
				return false
			}
			if e != nil {
				n = -1
			}
			return true
		})
		if err != nil || n <= 0 {
			return
		}
		count.Add(int64(n))
	}
}

func bulk() (result, error) {
	counts := make([]atomic.Int64, *streams)
	var next atomic.Int64
	var bad atomic.Int64
	handle := source
	if *dir == "up" {
		handle = func(c *net.TCPConn) { defer c.Close(); discard(c, &counts[int(next.Add(1)-1)%*streams]) }
	}
	target, err := serve(handle)
	if err != nil {
		return result{}, err
	}
	conns := make([]*net.TCPConn, *streams)
	for i := range conns {
		if conns[i], err = dial(target); err != nil {
			return result{}, err
		}
	}
	for i, c := range conns {
		switch {
		case *dir == "up":
			go source(c)
		case *verify:
			go check(c, &counts[i], &bad)
		default:
			go discard(c, &counts[i])
		}
	}
	time.Sleep(200 * time.Millisecond)
	for end := time.Now().Add(warmMax); sum(counts) < *warm<<20 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	before := snapshot(counts)
	cpu, start := cpuSeconds(), time.Now()
	time.Sleep(time.Duration(*seconds * float64(time.Second)))
	elapsed := time.Since(start).Seconds()
	used := cpuSeconds() - cpu
	after := snapshot(counts)
	var total, least int64 = 0, 1 << 62
	for i := range after {
		n := after[i] - before[i]
		total += n
		least = min(least, n)
	}
	for _, c := range conns {
		c.Close()
	}
	r := result{Rate: float64(total) * 8 / elapsed / 1e9, Unit: "Gbit/s", CPU: used, Errors: int(bad.Load())}
	if total > 0 {
		r.Fairness = float64(least) * float64(*streams) / float64(total)
		r.Note = fmt.Sprintf("%.3f CPU s/GB", used/(float64(total)/1e9))
	}
	return r, nil
}

func check(c *net.TCPConn, count, bad *atomic.Int64) {
	buf, want := make([]byte, 1<<18), make([]byte, 1<<18)
	var offset int64
	for {
		n, err := c.Read(buf)
		pattern(want[:n], offset)
		if string(buf[:n]) != string(want[:n]) {
			bad.Add(1)
			return
		}
		offset += int64(n)
		count.Add(int64(n))
		if err != nil {
			return
		}
	}
}

func sum(counts []atomic.Int64) (total int64) {
	for i := range counts {
		total += counts[i].Load()
	}
	return total
}

func snapshot(counts []atomic.Int64) []int64 {
	out := make([]int64, len(counts))
	for i := range counts {
		out[i] = counts[i].Load()
	}
	return out
}

const warmMax = 10 * time.Second

// warmUp does the asked number of operations in parallel.
func warmUp(work func() error) {
	var wg sync.WaitGroup
	var left atomic.Int64
	left.Store(*warm)
	end := time.Now().Add(warmMax)
	for i := 0; i < *streams; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for left.Add(-1) >= 0 && time.Now().Before(end) {
				work()
			}
		}()
	}
	wg.Wait()
}

// measured runs work in parallel for the asked time and reports operations per second with latencies.
func measured(work func() error, unit string) result {
	warmUp(work)
	var mu sync.Mutex
	var all []float64
	var failures int
	var wg sync.WaitGroup
	cpu, start := cpuSeconds(), time.Now()
	end := start.Add(time.Duration(*seconds * float64(time.Second)))
	for i := 0; i < *streams; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var mine []float64
			errs := 0
			for time.Now().Before(end) && errs < 20 {
				t := time.Now()
				if err := work(); err != nil {
					errs++
					continue
				}
				mine = append(mine, float64(time.Since(t).Microseconds()))
			}
			mu.Lock()
			all, failures = append(all, mine...), failures+errs
			mu.Unlock()
		}()
	}
	wg.Wait()
	elapsed := time.Since(start).Seconds()
	r := result{Rate: float64(len(all)) / elapsed, Unit: unit, CPU: cpuSeconds() - cpu, Errors: failures}
	if len(all) > 0 {
		sort.Float64s(all)
		r.P50us, r.P99us = all[len(all)/2], all[len(all)*99/100]
	}
	return r
}

func echo(c *net.TCPConn) {
	defer c.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := c.Read(buf)
		if n > 0 {
			if _, err := c.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			// a proxy that closed first would keep its port for a minute, and tens of thousands of them use up all there are
			c.SetLinger(0)
			return
		}
	}
}

func cps() (result, error) {
	target, err := serve(echo)
	if err != nil {
		return result{}, err
	}
	return measured(func() error {
		c, err := dial(target)
		if err != nil {
			return err
		}
		defer c.Close()
		var b [1]byte
		if _, err := c.Write(b[:]); err != nil {
			return err
		}
		_, err = io.ReadFull(c, b[:])
		c.SetLinger(0)
		return err
	}, "connections/s"), nil
}

func rr() (result, error) {
	target, err := serve(echo)
	if err != nil {
		return result{}, err
	}
	pool := make(chan *net.TCPConn, *streams)
	for i := 0; i < *streams; i++ {
		c, err := dial(target)
		if err != nil {
			return result{}, err
		}
		pool <- c
	}
	payload := make([]byte, *size)
	return measured(func() error {
		c := <-pool
		defer func() { pool <- c }()
		if _, err := c.Write(payload); err != nil {
			return err
		}
		_, err := io.ReadFull(c, make([]byte, *size))
		return err
	}, "round trips/s"), nil
}

func udp() (result, error) {
	target, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return result{}, err
	}
	target.SetReadBuffer(4 << 20)
	go func() {
		buf := make([]byte, 65536)
		for {
			n, from, err := target.ReadFromUDP(buf)
			if err != nil {
				return
			}
			target.WriteToUDP(buf[:n], from)
		}
	}()
	control, err := net.Dial("tcp", *proxy)
	if err != nil {
		return result{}, err
	}
	relay, err := request(control, 3, net.IPv4zero.To4(), 0)
	if err != nil {
		return result{}, err
	}
	c, err := net.DialUDP("udp", nil, relay)
	if err != nil {
		return result{}, err
	}
	c.SetReadBuffer(4 << 20)
	at := target.LocalAddr().(*net.UDPAddr)
	head := binary.BigEndian.AppendUint16(append([]byte{0, 0, 0, 1}, at.IP.To4()...), uint16(at.Port))
	packet := append(head, make([]byte, max(*size, 8))...)
	var sent, received atomic.Int64
	room := make(chan struct{}, *streams)
	for i := 0; i < *streams; i++ {
		room <- struct{}{}
	}
	go func() {
		buf := make([]byte, 65536)
		for {
			if _, err := c.Read(buf); err != nil {
				return
			}
			received.Add(1)
			select {
			case room <- struct{}{}:
			default:
			}
		}
	}()
	lost := time.NewTicker(50 * time.Millisecond)
	defer lost.Stop()
	last := int64(0)
	exchange := func(until func() bool) {
		for !until() {
			select {
			case <-room:
				if _, err := c.Write(packet); err == nil {
					sent.Add(1)
				}
			case <-lost.C: // nothing came for a while: what is in flight was lost, start another window
				if n := received.Load(); n == last {
					for len(room) < *streams {
						room <- struct{}{}
					}
				} else {
					last = n
				}
			}
		}
	}
	warmEnd := time.Now().Add(warmMax)
	exchange(func() bool { return received.Load() >= *warm || time.Now().After(warmEnd) })
	sentBefore, receivedBefore := sent.Load(), received.Load()
	cpu, start := cpuSeconds(), time.Now()
	end := start.Add(time.Duration(*seconds * float64(time.Second)))
	exchange(func() bool { return time.Now().After(end) })
	elapsed := time.Since(start).Seconds()
	used := cpuSeconds() - cpu
	answered := received.Load() - receivedBefore
	time.Sleep(100 * time.Millisecond)
	loss := 0.0
	if n := sent.Load() - sentBefore; n > 0 {
		loss = 100 * float64(n-(received.Load()-receivedBefore)) / float64(n)
	}
	return result{Rate: float64(answered) / elapsed, Unit: "datagram round trips/s", CPU: used, LossPct: max(loss, 0)}, nil
}

func idle() (result, error) {
	target, err := serve(echo)
	if err != nil {
		return result{}, err
	}
	before := rss()
	conns := make([]*net.TCPConn, 0, *streams)
	var mu sync.Mutex
	var wg sync.WaitGroup
	var failures atomic.Int64
	limit := make(chan struct{}, 64)
	for i := 0; i < *streams; i++ {
		wg.Add(1)
		limit <- struct{}{}
		go func() {
			defer func() { <-limit; wg.Done() }()
			c, err := dial(target)
			if err != nil {
				failures.Add(1)
				return
			}
			mu.Lock()
			conns = append(conns, c)
			mu.Unlock()
		}()
	}
	wg.Wait()
	time.Sleep(time.Duration(*seconds * float64(time.Second)))
	after := rss()
	for _, c := range conns {
		c.Close()
	}
	r := result{Unit: "bytes/connection", RSS: after, Errors: int(failures.Load())}
	if len(conns) > 0 {
		r.PerConn = float64(after-before) / float64(len(conns))
		r.Rate = r.PerConn
	}
	return r, nil
}

func each(read func(pid string)) {
	if *pids == "" {
		return
	}
	for _, pid := range strings.Split(*pids, ",") {
		read(pid)
	}
}

func cpuSeconds() float64 {
	total := 0.0
	each(func(pid string) {
		b, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil {
			return
		}
		f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+2:]))
		user, _ := strconv.ParseFloat(f[11], 64)
		system, _ := strconv.ParseFloat(f[12], 64)
		total += (user + system) / 100
	})
	return total
}

func rss() int64 {
	var total int64
	each(func(pid string) {
		b, _ := os.ReadFile("/proc/" + pid + "/status")
		for _, line := range strings.Split(string(b), "\n") {
			if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
				n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
				total += n * 1024
			}
		}
	})
	return total
}
