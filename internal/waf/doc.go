// Package waf evaluates an AWS WAF (wafv2) web ACL for one request and names the rule that decides.
//
// The evaluation is three-valued. A condition that AWS publishes is answered yes or no; one that depends on
// something the request does not tell (the viewer's address, the country, a body that was not captured) or that
// AWS keeps to itself (detectors of attacks, reputation lists, bot control, request rates) is unknown. An unknown
// rule never decides. It is reported as a Maybe, with one of three strengths:
//
//   - likely: the request carries what AWS documents as an example of a match, or what a public detector of the
//     same family finds;
//   - neither flag: the request carries something the rule may be about;
//   - weak: nothing in the request speaks for a match, the rule merely cannot be ruled out.
//
// SQL injection and cross-site scripting are judged by libinjection, a public detector. AWS's own detector and its
// sensitivity levels are not public (WAF/waf-rule-statement-type-sqli-match), so a hit is likely, never certain;
// text without any mark that such an attack needs does not match; the rest is weakly unknown.
//
// AWS's managed rules are published with a purpose and examples, not with their patterns. A request without any mark
// of what a rule is about is taken not to match it. That is a judgement, not a documented fact, and the one place where
// the package rules out something it cannot prove: these groups guard most healthy sites, and reports that suspected
// them all for every request would be of no use. Sampled requests (Samples) can show the judgement to be wrong.
//
// Sources in comments are pages of the AWS WAF Developer Guide, written WAF/<page>, and of the service's API
// reference, written WAFAPI/<type>.
package waf
