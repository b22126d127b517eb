package db

// MigrateFiles is Migrate with migrations of the test's.
var MigrateFiles = (*DB).migrate

// MaxBatch is how many closures share one commit.
const MaxBatch = maxBatch
