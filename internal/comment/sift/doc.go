// Package sift judges the words of a comment: whether it has one of a list, and
// how much it looks like what was removed before. It is arithmetic on text and
// knows neither the database nor the paper.
package sift
