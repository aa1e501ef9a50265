//go:build unix

package e2e

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// proxy stands between nodes and their database and is the network's bad day.
type proxy struct {
	t      *testing.T
	to     string // a socket's path
	addr   string
	mu     sync.Mutex
	ln     net.Listener
	change chan struct{} // closed and replaced when the weather changes
	stall  bool
	delay  time.Duration
	conns  map[net.Conn]bool
}

func newProxy(t *testing.T, socket string) *proxy {
	t.Helper()
	p := &proxy{t: t, to: socket, addr: "127.0.0.1:0", change: make(chan struct{}), conns: map[net.Conn]bool{}}
	p.listen()
	t.Cleanup(p.refuse)
	return p
}

// url is a database behind the proxy.
func (p *proxy) url(database string) string {
	return "postgres://advocate@" + p.addr + "/" + database + "?sslmode=disable"
}

// listen lets connections come.
func (p *proxy) listen() {
	p.t.Helper()
	ln, err := net.Listen("tcp", p.addr)
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	p.ln, p.addr = ln, ln.Addr().String()
	p.mu.Unlock()
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go p.carry(c)
		}
	}()
}

// refuse cuts every connection and takes no new one until listen.
func (p *proxy) refuse() {
	p.mu.Lock()
	p.ln.Close()
	p.mu.Unlock()
	p.cut()
}

// cut resets every connection.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		if tcp, ok := c.(*net.TCPConn); ok {
			tcp.SetLinger(0) // a reset, as of a machine that has forgotten
		}
		c.Close()
	}
}

// weather changes how the network is: stalled, nothing passes and nobody is
// told; with a delay everything comes so much later.
func (p *proxy) weather(stall bool, delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stall, p.delay = stall, delay
	close(p.change)
	p.change = make(chan struct{})
}

func (p *proxy) carry(c net.Conn) {
	s, err := net.Dial("unix", p.to)
	if err != nil {
		c.Close()
		return
	}
	p.mu.Lock()
	p.conns[c], p.conns[s] = true, true
	p.mu.Unlock()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{c, s}, {s, c}} {
		both.Go(func() {
			defer way[0].Close()
			defer way[1].Close()
			p.copy(way[1], way[0])
		})
	}
	both.Wait()
	p.mu.Lock()
	delete(p.conns, c)
	delete(p.conns, s)
	p.mu.Unlock()
}

func (p *proxy) copy(to, from net.Conn) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			p.hold()
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				return
			}
			p.hold()
			return
		}
	}
}

// hold keeps what is on its way as the weather says.
func (p *proxy) hold() {
	for {
		p.mu.Lock()
		stall, delay, change := p.stall, p.delay, p.change
		p.mu.Unlock()
		switch {
		case stall:
			<-change
		case delay > 0:
			<-time.After(delay)
			return
		default:
			return
		}
	}
}
