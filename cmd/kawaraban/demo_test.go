package main

import (
	"bytes"
	"net"
	"strings"
	"testing"
)

// A sister paper's port that somebody has is said in a sentence, and the papers
// that were open already are closed.
func TestDemoPortInUse(t *testing.T) {
	addr, err := freeAddr()
	if err != nil {
		t.Fatal(err)
	}
	next, err := nextPort(addr, 1)
	if err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", next)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	var out, complaint bytes.Buffer
	status := run([]string{"demo", "--data", t.TempDir(), "--addr", addr}, nil, &out, &complaint)
	if status != 1 || !strings.Contains(complaint.String(), "the address "+next+" is in use by another program; stop that, or choose another with --addr.") {
		t.Errorf("exit %d: %s", status, complaint.String())
	}
	again, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatalf("the first paper still holds its address: %v", err)
	}
	again.Close()
}

func TestNextPort(t *testing.T) {
	for _, test := range []struct {
		addr string
		i    int
		want string
	}{
		{"127.0.0.1:8080", 2, "127.0.0.1:8082"},
		{"127.0.0.1:0", 2, "127.0.0.1:0"},
		{"[::1]:9000", 1, "[::1]:9001"},
		{"127.0.0.1:65535", 1, ""},
		{"nonsense", 1, ""},
	} {
		got, err := nextPort(test.addr, test.i)
		if got != test.want || (err != nil) != (test.want == "") {
			t.Errorf("nextPort(%s, %d) = %s, %v; want %q", test.addr, test.i, got, err, test.want)
		}
	}
}
