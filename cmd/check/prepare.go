package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// debian lists what the tests use beside Go: a package, and a program or a path
// that shows that it is there.
var debian = []struct{ pkg, shown string }{
	{"postgresql", "/usr/lib/postgresql/*/bin/initdb"},
	{"chromium", "chromium"},
	{"default-jre-headless", "java"},
	{"npm", "npm"},
	{"gcc", "gcc"}, // the race detector links with it
	{"libc6-dev", "/usr/include/stdlib.h"},
	{"fonts-noto-cjk", "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"},
	{"wrk", "wrk"},
}

// prepare installs what is missing: Debian's packages when this is root on
// Debian, and npm's as the lock file says, of which it makes the editor. What it cannot install it names: the
// tests that want it then skip, or fail where CI=true.
func prepare(ctx context.Context) error {
	var missing []string
	for _, d := range debian {
		if !present(d.shown) {
			missing = append(missing, d.pkg)
		}
	}
	if len(missing) > 0 {
		if err := install(ctx, missing); err != nil {
			fmt.Printf("MISSING, and not to be installed from here: %v (%v)\n", missing, err)
		}
	}
	if !npmIsFresh() {
		if err := tool("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")(ctx); err != nil {
			fmt.Printf("MISSING: the npm packages of package.json: %v\n", err)
			return nil
		}
	}
	return tool("make", "assets")(ctx)
}

func present(shown string) bool {
	if filepath.IsAbs(shown) {
		found, err := filepath.Glob(shown)
		return err == nil && len(found) > 0
	}
	_, err := exec.LookPath(shown)
	return err == nil
}

func install(ctx context.Context, packages []string) error {
	if os.Geteuid() != 0 {
		return errors.New("this is not root")
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return errors.New("this is not Debian")
	}
	if err := tool("apt-get", "update", "-q")(ctx); err != nil {
		return err
	}
	args := append([]string{"DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-qy", "--no-install-recommends"}, packages...)
	return tool("env", args...)(ctx)
}

// npmIsFresh reports whether node_modules is what the lock file says.
func npmIsFresh() bool {
	lock, err := os.Stat("package-lock.json")
	if err != nil {
		return true // nothing is wanted
	}
	done, err := os.Stat("node_modules/.package-lock.json")
	return err == nil && !done.ModTime().Before(lock.ModTime())
}
