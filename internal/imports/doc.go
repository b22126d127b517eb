// Package imports is the law of the house: who may import whom, and where a
// foreign library or a dangerous call is at home.
//
// The law is a table (law_test.go) and a test that reads every Go file of the
// tree by itself. It does not ask `go list`: the go tool does not see that such
// a test depends on other packages' files, and would answer from its cache
// after an offence. A package that the table does not know is an offence too.
//
// A new arrow is a design decision: write three lines in docs/decisions with it.
package imports
