package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"math"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/xtaci/smux"
)

// A stream starts with a request of 16 bytes: command, 7 zero bytes, size (8, little endian). The side that accepts it answers:
//
//	E  echoes until EOF, then closes
//	S  reads `size` bytes, or until EOF when size is 0, answers SHA-256 (32) and count (8), then closes
//	P  sends `size` bytes and their SHA-256 (32), then closes
//	W  as P, but leaves the stream open for the opener to close
//
// interop also reads lines from stdin: "open <command> <streams> <size>" runs requests toward the other side and
// prints one JSON result, "close" ends the session, "exit" ends the process without a word.
const requestBytes = 16

func interop() {
	s := session(connect(), *role == "client")
	go accept(s)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch words[0] {
		case "open":
			n, _ := strconv.Atoi(words[2])
			size, _ := strconv.ParseInt(words[3], 10, 64)
			report(openAll(s, words[1][0], n, size))
		case "count":
			report(waitForStreams(s, words[1]))
		case "close":
			s.Close()
			report(nil)
		case "exit":
			os.Exit(3)
		}
	}
}

func report(err error) {
	result := map[string]any{"ok": err == nil}
	if err != nil {
		result["error"] = err.Error()
	}
	json.NewEncoder(os.Stdout).Encode(result)
}

// waitForStreams waits until the session has exactly that many streams.
func waitForStreams(s *smux.Session, word string) error {
	want, _ := strconv.Atoi(word)
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if s.NumStreams() == want {
			return nil
		}
	}
	return fmt.Errorf("%d streams, expected %d", s.NumStreams(), want)
}

func accept(s *smux.Session) {
	for {
		st, err := s.AcceptStream()
		if err != nil {
			fmt.Printf("{\"ended\":%q}\n", err.Error())
			s.Close()
			return
		}
		go serve(st)
	}
}

func serve(st *smux.Stream) {
	request := make([]byte, requestBytes)
	if _, err := io.ReadFull(st, request); err != nil {
		st.Close()
		return
	}
	size := int64(binary.LittleEndian.Uint64(request[8:]))
	switch request[0] {
	case 'E':
		buf := make([]byte, 50_000)
		for {
			n, err := st.Read(buf)
			if err != nil {
				break
			}
			if _, err := st.Write(buf[:n]); err != nil {
				break
			}
		}
	case 'S':
		h := sha256.New()
		if size == 0 {
			size = math.MaxInt64
		}
		n, _ := io.CopyN(h, st, size)
		answer := binary.LittleEndian.AppendUint64(h.Sum(nil), uint64(n))
		st.Write(answer)
	case 'P', 'W':
		h := sha256.New()
		if send(st, size, h) == nil {
			st.Write(h.Sum(nil))
		}
		if request[0] == 'W' {
			io.Copy(io.Discard, st)
		}
	}
	st.Close()
}

func openAll(s *smux.Session, command byte, n int, size int64) error {
	var wait sync.WaitGroup
	failures := make(chan error, n)
	for i := 0; i < n; i++ {
		wait.Add(1)
		go func() {
			defer wait.Done()
			if err := openOne(s, command, size); err != nil {
				failures <- err
			}
		}()
	}
	wait.Wait()
	close(failures)
	return <-failures
}

func openOne(s *smux.Session, command byte, size int64) error {
	st, err := s.OpenStream()
	if err != nil {
		return err
	}
	defer st.Close()
	request := make([]byte, requestBytes)
	request[0] = command
	binary.LittleEndian.PutUint64(request[8:], uint64(size))
	if _, err := st.Write(request); err != nil {
		return err
	}
	switch command {
	case 'E':
		return echoOne(st, size)
	case 'S':
		h := sha256.New()
		if err := send(st, size, h); err != nil {
			return err
		}
		// No CloseWrite here: v1.5.56 drops unread bytes once both FINs have passed, so the answer could get lost.
		answer := make([]byte, 40)
		if _, err := io.ReadFull(st, answer); err != nil {
			return err
		}
		return same(answer, binary.LittleEndian.AppendUint64(h.Sum(nil), uint64(size)))
	case 'P':
		return receive(st, size)
	case 'W': // half-close, then read; the other side keeps its FIN back until told
		if err := st.CloseWrite(); err != nil {
			return err
		}
		return receive(st, size)
	case 'X': // close in the middle of sending
		return send(st, size, sha256.New())
	}
	return fmt.Errorf("unknown command %q", command)
}

func echoOne(st *smux.Stream, size int64) error {
	sent, got := sha256.New(), sha256.New()
	result := make(chan error, 1)
	go func() {
		_, err := io.CopyN(got, st, size)
		result <- err
	}()
	if err := send(st, size, sent); err != nil {
		return err
	}
	if err := <-result; err != nil {
		return err
	}
	return same(got.Sum(nil), sent.Sum(nil))
}

func receive(st *smux.Stream, size int64) error {
	h := sha256.New()
	if _, err := io.CopyN(h, st, size); err != nil {
		return err
	}
	digest := make([]byte, 32)
	if _, err := io.ReadFull(st, digest); err != nil {
		return err
	}
	return same(digest, h.Sum(nil))
}

// send writes `size` random bytes in random pieces.
func send(st *smux.Stream, size int64, h hash.Hash) error {
	block := make([]byte, 1<<17)
	rand.Read(block)
	for left, turn := size, uint64(0); left > 0; turn++ {
		binary.LittleEndian.PutUint64(block, turn)
		n := int64(len(block))
		if size < 1<<24 {
			n = rand.Int63n(int64(len(block))) + 1
		}
		if n > left {
			n = left
		}
		h.Write(block[:n])
		if _, err := st.Write(block[:n]); err != nil {
			return err
		}
		left -= n
	}
	return nil
}

func same(got, want []byte) error {
	if string(got) != string(want) {
		return fmt.Errorf("digest %x, expected %x", got, want)
	}
	return nil
}
