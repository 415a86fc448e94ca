package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/xtaci/smux"
)

const smallBytes = 1024

type counter struct{ n int64 }

func (c *counter) Write(b []byte) (int, error) {
	atomic.AddInt64(&c.n, int64(len(b)))
	return len(b), nil
}

// sink receives on all streams through WriteTo, the fastest reader the library has, and samples the counters twice.
func sink() {
	s := session(connect(), false)
	counters := make([]*counter, *streams)
	accepted := make([]*smux.Stream, *streams) // the library closes a stream whose wrapper is collected
	for i := range counters {
		st, err := s.AcceptStream()
		fail(err)
		counters[i] = new(counter)
		accepted[i] = st
		go st.WriteTo(counters[i])
	}
	time.Sleep(time.Duration(*warm) * time.Millisecond)
	before := sample(counters)
	start := time.Now()
	fmt.Println("MEASURING")
	time.Sleep(time.Duration(*measure) * time.Millisecond)
	after := sample(counters)
	seconds := time.Since(start).Seconds()
	per := make([]float64, len(counters))
	for i := range per {
		per[i] = float64(after[i]-before[i]) / seconds
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{"bytesPerSecond": per})
	runtime.KeepAlive(accepted)
	s.Close()
}

func sample(counters []*counter) []int64 {
	out := make([]int64, len(counters))
	for i, c := range counters {
		out[i] = atomic.LoadInt64(&c.n)
	}
	return out
}

func flood() {
	s := session(connect(), true)
	var wait sync.WaitGroup
	chunk := make([]byte, 65536)
	for i := 0; i < *streams; i++ {
		st, err := s.OpenStream()
		fail(err)
		wait.Add(1)
		go func() {
			defer wait.Done()
			for {
				if _, err := st.Write(chunk); err != nil {
					return
				}
			}
		}()
	}
	go func() { // Writers of v2 wait for windows, not for read errors: leave when the peer does.
		for {
			if _, err := s.AcceptStream(); err != nil {
				os.Exit(0)
			}
		}
	}()
	wait.Wait()
}

func echo() {
	s := session(connect(), false)
	for {
		st, err := s.AcceptStream()
		if err != nil {
			return
		}
		go func(st *smux.Stream) {
			defer st.Close()
			buf := make([]byte, smallBytes)
			if _, err := io.ReadFull(st, buf); err != nil {
				return
			}
			st.Write(buf)
			st.Read(buf)
		}(st)
	}
}

func small() {
	s := session(connect(), true)
	run := func() float64 {
		start := time.Now()
		var wait sync.WaitGroup
		for i := 0; i < *streams; i++ {
			wait.Add(1)
			go func() {
				defer wait.Done()
				st, err := s.OpenStream()
				fail(err)
				buf := make([]byte, smallBytes)
				_, err = st.Write(buf)
				fail(err)
				_, err = io.ReadFull(st, buf)
				fail(err)
				st.Close()
			}()
		}
		wait.Wait()
		return float64(*streams) / time.Since(start).Seconds()
	}
	run()
	rates := make([]float64, *rounds)
	for i := range rates {
		rates[i] = run()
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{"streamsPerSecond": rates})
	s.Close()
}
