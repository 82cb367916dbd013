// Package collect decides which calls a diagnosis needs, and makes them.
//
// A [Collector] makes each distinct call once, with as many in flight as a limit per service allows. There are no rounds that wait for
// each other: [Then] runs what depends on an answer as soon as that answer is there, so that a diagnosis costs the longest chain of
// dependent calls rather than their sum. [Distribution] is what to ask for; [Resolve] leads from what a person typed to a distribution.
//
// What could not be read does not stop anything: it is a fact of its own (denied, failed, not captured), and the reads that would have
// followed from it are not made.
package collect
