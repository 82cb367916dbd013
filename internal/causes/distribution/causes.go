// Package distribution holds the causes of the distribution stage: what concerns a distribution as a whole.
package distribution

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		aliasNotConfigured,
		aliasOnOtherDistribution,
		distributionNotFound,
		tenantNotServing,
		stagingDistributionSplit,
		loggingDisabled,
		logDeliveryBroken,
		noAlarms,
		errorRateHigh,
		cloudFrontLimitExceeded,
		perfPriceClass,
	}
}
