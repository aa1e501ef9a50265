// Package vault keeps what must be read again, such as connectors' credentials
// and second factors, from whoever has only the database.
//
// What is sealed is encrypted with AES-256-GCM under a key that is not in the
// database: a file beside it, or what the operator's configuration refers to.
// The name of the thing is authenticated with it, so that a sealed secret that
// was put under another name, or changed by a bit, does not open.
//
// A ring has several keys: the first seals, all of them open. To rotate is to
// put a new key first, seal everything anew, and only then take the old one
// away. Each sealed thing names its key, by a hash of it.
//
// Without a configured key one is made at the first need, in the data
// directory. The database remembers which key seals, so that a node that does
// not have it makes no other: two nodes could not read each other's secrets.
package vault
