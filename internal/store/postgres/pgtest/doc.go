// Package pgtest gives tests a PostgreSQL of their own.
//
// The first test of a package that asks for one starts a server in a
// temporary folder, as an unprivileged user, and Main stops it after the last.
// Each test gets a database of its own, copied from one that has the schema.
// With ADVOCATE_TEST_POSTGRES set to a URL, databases are made there instead.
//
// Where there is no PostgreSQL a test fails and says what to do; only with
// -short it is skipped.
package pgtest
