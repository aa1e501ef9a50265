// Package console is the web console as it is served: one page, which routes
// by itself in the browser, and the files that this page loads.
//
// Its sources are in web/; `make console` builds them into dist, which is
// embedded here and never committed. A program that was compiled without that
// step has no console: Built says so, and everything else still works.
//
// The page has a nonce in its policy, a fresh one in every answer, since the
// components that it is made of add style elements while it runs. The files
// beside it are the same for everybody and hold nothing personal; what the
// console shows comes from the API, which asks who wants to know.
package console
