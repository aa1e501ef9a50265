// Package auth says who may do what: API tokens and their roles.
//
// A token is "adv_" and 256 random bits; only its SHA-256 is kept, so a copy
// of the database opens nothing. It is shown once, when it is made. There is
// no cache: a revoked or expired token stops working with the next request.
package auth
