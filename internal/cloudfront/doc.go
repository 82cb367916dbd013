// Package cloudfront is CloudFront's own knowledge as pure functions and tables: path patterns, alternate
// domain names, origin endpoint forms, managed policies, what is forwarded and cached, TLS policies, quotas
// and metrics.
//
// Nothing here reads an account, a network or a clock; the model of the edge and the causes ask it questions.
// Where AWS documents no answer the functions return [cfdoctor/internal/tri.Unknown] rather than a guess.
//
// Sources are cited by page: DG/X is https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/X.html,
// S3UG the Amazon S3 User Guide, GR the AWS General Reference, ELB the Application Load Balancer guide and
// API the CloudFront API reference.
package cloudfront
