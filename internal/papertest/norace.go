//go:build !race

package papertest

// slowness is how many times longer things take than in the program.
const slowness = 1
