// Package config reads advocate.yaml.
//
// The types in config.go are the whole grammar: the decoder walks them, the
// table of Describe is made from them, and what they do not know is refused.
// A file's mistakes are reported all at once, each with its line, what is
// accepted and the word that was probably meant.
//
// Every key that is a single value can be overridden by an environment
// variable: "log.level" by ADVOCATE_LOG_LEVEL. Variables beginning with
// ADVOCATE_ that name no key are left alone: a container platform makes some
// of its own. Secrets stand in neither place but are referred to, as {env: NAME}
// or {file: PATH}, or
// as {vault: NAME} once "advocate secret set" has put it into the database.
//
// Relative paths in a file are relative to that file.
package config
