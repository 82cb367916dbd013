package edge

import (
	"slices"
	"time"

	"cfdoctor/internal/cloudfront"
)

// Functions lists the names of the CloudFront Functions of all behaviors, sorted, each once.
func (m *Model) Functions() []string {
	var names []string
	for _, b := range m.Behaviors {
		if b.Config.FunctionAssociations == nil {
			continue
		}
		for _, a := range b.Config.FunctionAssociations.Items {
			if arn := str(a.FunctionARN); arn != "" {
				names = append(names, functionName(arn))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// ReadTimeout is how many seconds CloudFront waits for an answer of the origin (DG/DownloadDistValuesOrigin).
func (o *Origin) ReadTimeout() int {
	const unset = int(cloudfront.DefaultReadTimeout / time.Second)
	switch c := o.Config; {
	case c.CustomOriginConfig != nil:
		return portOr(c.CustomOriginConfig.OriginReadTimeout, unset)
	case c.VpcOriginConfig != nil:
		return portOr(c.VpcOriginConfig.OriginReadTimeout, unset)
	case c.S3OriginConfig != nil:
		return portOr(c.S3OriginConfig.OriginReadTimeout, unset)
	}
	return unset
}

// ShortestReadTimeout is the shortest response timeout of the origins, in seconds.
func (m *Model) ShortestReadTimeout() int {
	shortest := int(cloudfront.DefaultReadTimeout / time.Second)
	for i, o := range m.Origins {
		if t := o.ReadTimeout(); i == 0 || t < shortest {
			shortest = t
		}
	}
	return shortest
}
