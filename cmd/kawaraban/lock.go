package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// lock makes this process the only server of a data folder until it ends. The
// file says who holds it, for the next one who tries.
func lock(data, url string) (unlock func(), err error) {
	name := filepath.Join(data, "lock")
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the data folder %s cannot be locked: %w", data, cause(err))
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("the data folder %s cannot be locked: %w", data, err)
		}
		holder, _ := os.ReadFile(name)
		return nil, fmt.Errorf("the data folder %s is in use by %s; stop that first, or choose another folder with --data",
			data, orUnknown(strings.TrimSpace(string(holder))))
	}
	if err := f.Truncate(0); err == nil {
		fmt.Fprintf(f, "process %d, which serves %s since %s\n", os.Getpid(), url, time.Now().Format(time.DateTime))
	}
	return func() { f.Close() }, nil
}

func orUnknown(s string) string {
	if s == "" {
		return "another process"
	}
	return s
}

// cause is what the system says, without the path that the sentence names.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
