// Package auth says who may do what: people, their sessions and how they sign
// in, API tokens, roles, and the audit log.
//
// # Who is asking
//
// A Principal is what a session's or a token's secret comes to. Its rights are
// those of the account or token as it is stored now: there is no cache, so
// what is withdrawn is gone with the next request. What a role allows is one
// table, in role.go.
//
// # What is kept
//
// Of secrets that are random (tokens, sessions, links, recovery codes; 80 bits
// at least) the SHA-256 is kept, of passwords argon2id in PHC form, and second
// factors are sealed under a key that is not in the database. So a copy of the
// database opens nothing. Accounts, sessions, links and what throttles attempts
// are documents of the store: they hold on every node, and over restarts.
//
// # Invariants
//
//   - Whatever ends sessions or opens one holds the account's lock, so that a
//     session cannot slip through while a password changes.
//   - A session's token is new at every sign-in and at every change of what its
//     person may do or how they sign in; the one before is dead.
//   - An attempt is counted before it is judged, and taken back when it was
//     right. Unknown logins cost the same work and get the same answer.
//   - A code, a recovery code and a link are used up in the transaction that
//     accepts them.
//
// When the store is away nobody is let in: errors that are not domain errors
// are the store's.
package auth
