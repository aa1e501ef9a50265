// Package source reads what other systems send: CloudEvents over HTTP, and
// signed webhooks in any shape, mapped to events by a jq program.
//
// It turns bytes into domain.Events that are normalised and valid, and says
// of the others which, where and what is accepted. It keeps no state: whether
// an event was seen before is intake's to know, by source and id, so both are
// the same whenever the same thing is sent again.
package source
