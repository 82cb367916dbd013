// Package fix turns a remedy into everything that a remedy is good for.
//
// A change is data: small typed edits of one named resource. From that one value come the steps in the AWS Management Console, shell commands
// (aws and jq), single commands for an agent's call_aws tool, a diff for people, the way back, and the effect on a recorded account, by which
// the remedy is proven before anybody runs it. The shell edits with jq what Go edits in memory; tests hold the two against each other.
//
// Nothing is ever overwritten: a script re-reads the resource at the moment of the change, edits that, and writes it back guarded by the
// resource's version (ETag, LockToken) where the API has one. Everything the edit does not name stays as it was.
//
// The package reads no account, no file, no network and no clock.
package fix
