package main

import (
	"errors"
	"net"
	"os"
	"testing"

	"rsc.io/script"

	"kawaraban/internal/papertest"
)

// dns serves a zone, and puts the address of the name server into $DNS. It runs
// until the script ends.
func (*scriptRun) dns(t *testing.T) script.Cmd {
	return script.Command(script.CmdUsage{Summary: "serve a zone", Args: "file"},
		func(s *script.State, args ...string) (script.WaitFunc, error) {
			if len(args) != 1 {
				return nil, script.ErrUsage
			}
			zone, err := os.ReadFile(s.Path(args[0]))
			if err != nil {
				return nil, err
			}
			l, err := net.ListenPacket("udp", "127.0.0.1:0")
			if err != nil {
				return nil, err
			}
			t.Cleanup(func() { l.Close() })
			go func() {
				if err := papertest.ServeDNS(l, string(zone)); !errors.Is(err, net.ErrClosed) {
					t.Errorf("the name server: %v", err)
				}
			}()
			return nil, s.Setenv("DNS", l.LocalAddr().String())
		})
}
