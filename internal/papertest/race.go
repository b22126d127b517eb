//go:build race

package papertest

// slowness is how many times longer things take with the race detector.
const slowness = 20
