package account

import "strings"

// RegionOf takes the Region out of an ARN, "" where there is none (IAM/reference-arns).
func RegionOf(arn string) string { return partOf(arn, 3) }

// OwnerOf takes the account's id out of an ARN, "" where there is none.
func OwnerOf(arn string) string { return partOf(arn, 4) }

func partOf(arn string, n int) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[n]
}
