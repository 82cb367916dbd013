// Package docs holds the documentation that the program itself hands out.
package docs

import _ "embed"

//go:embed troubleshoot-cloudfront.sop.md
var procedure string

// Procedure is the procedure for agents that troubleshoot CloudFront, in agent-SOP form (Markdown).
func Procedure() string { return procedure }
