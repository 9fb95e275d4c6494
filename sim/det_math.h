// Logarithm, exponential and normal quantile from + - * / and sqrt only.
//
// These operations are exactly defined by IEEE 754, so the results have the same bits with every
// compiler, optimisation level and machine (given -ffp-contract=off), which libm does not promise.
// Relative error: log and exp below 1e-15, the normal quantile below 1e-14.
#pragma once

namespace longhaul {

// The natural logarithm of a positive, finite, normal number.
double det_log(double x);

// e to the x, for x in [-700, 700]; below that 0, above that the value at 700.
double det_exp(double x);

// x to the y for a positive x.
double det_pow(double x, double y);

// The z for which a standard normal variable is below z with probability p; 0 < p < 1.
// Source: Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution" (1988).
double det_normal_quantile(double p);

}  // namespace longhaul
