// Package function runs CloudFront Functions: the real code, on the event CloudFront would
// build for a request, in a sandbox, and judges what comes back as CloudFront does.
//
// # What is reproduced
//
// The event object of version 1.0 (DG/functions-event-structure), the modules crypto,
// querystring, buffer and cloudfront, key value stores, the origin helpers, a clock that
// stands still, and the rules a returned request or response must keep
// (DG/edge-function-restrictions-all). Code that throws is a 503, a result that breaks the
// rules a 502.
//
// # What is not
//
// The engine here accepts more JavaScript than CloudFront's. A lint of the syntax, and a
// list of the built-in objects the runtimes have, make up for the difference; where AWS
// documents a restriction, or CloudFront was seen to refuse a construct, the result is
// certain, else [Result.Certain] is false or the result [Unknown].
//
// CloudFront limits the time a function may use to about a thousandth of a second and does
// not publish how it counts. The sandbox stops a function much later, so one that it lets
// pass may still be too slow for CloudFront.
package function
