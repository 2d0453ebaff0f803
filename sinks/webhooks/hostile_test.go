package webhooks

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// raw is a receiver below HTTP: it reads a request's head and answers as it likes.
func raw(t *testing.T, answer func(net.Conn)) Endpoint {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
					answer(c)
				}
			}()
		}
	}()
	return Endpoint{
		ID: "erp", URL: "http://" + listener.Addr().String() + "/", Insecure: true, Allow: loopback,
		Timeout: 300 * time.Millisecond, Secrets: []Secret{secret(t, secretText)},
	}
}

// forever writes text until the sender has had enough, at most n bytes.
func forever(c net.Conn, text string, pause time.Duration, n int64, written *atomic.Int64) {
	for written.Load() < n {
		k, err := io.WriteString(c, text)
		written.Add(int64(k))
		if err != nil {
			return
		}
		time.Sleep(pause)
	}
}

// Whatever a receiver does, a request ends at its timeout, takes little of what
// is sent and holds little in memory.
func TestSend_NoAnswerCostsMoreThanItsTimeoutAndAFewKilobytes(t *testing.T) {
	const gigabyte = 1 << 30
	block := strings.Repeat("x", 64<<10)
	for _, c := range []struct {
		what         string
		head, body   string
		pause        time.Duration
		acknowledged bool
	}{
		{"silence", "", "", 0, false},
		{"a head that never ends", "HTTP/1.1 200 OK\r\nX: ", block, 0, false},
		{"headers without end", "HTTP/1.1 200 OK\r\n", "X: y\r\n", 0, false},
		{"a head that drips", "HTTP/1.1 200", " ", 20 * time.Millisecond, false},
		{"early hints without end", "", "HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n", 0, false},
		{"a gigabyte of a body", "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n", block, 0, true},
		{"a body without end", "HTTP/1.1 200 OK\r\n\r\n", block, 0, true},
		{"a body that drips", "HTTP/1.1 200 OK\r\n\r\n", ".", 20 * time.Millisecond, true},
		{"chunks without end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1;" + strings.Repeat("e", 500) + "\r\nx\r\n", 0, true},
		{"a failure with a gigabyte", "HTTP/1.1 500 No\r\nContent-Length: 1073741824\r\n\r\n", block, 0, false},
		{"what is not HTTP", "SSH-2.0-OpenSSH_9\r\n", "", 0, false},
		{"a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "", 0, false},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "", 0, false},
	} {
		var written atomic.Int64
		to := raw(t, func(conn net.Conn) {
			_, _ = io.WriteString(conn, c.head)
			if c.body == "" {
				time.Sleep(400 * time.Millisecond)
				return
			}
			forever(conn, c.body, c.pause, gigabyte, &written)
		})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		begin := time.Now()
		_, err := sender().Send(t.Context(), to, event)
		took := time.Since(begin)
		runtime.ReadMemStats(&after)
		if (err == nil) != c.acknowledged || err != nil && !errors.Is(err, ErrUndelivered) {
			t.Errorf("%s: %v", c.what, err)
		}
		if took > 5*time.Second { // the timeout, and a busy machine
			t.Errorf("%s: it took %s", c.what, took)
		}
		if n := written.Load(); n > 64<<20 { // what the sockets' buffers take
			t.Errorf("%s: %d bytes were taken", c.what, n)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 32<<20 {
			t.Errorf("%s: %d bytes were allocated", c.what, n)
		}
	}
}
