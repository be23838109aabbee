# The other side of `bench curves`: the same persons in R. Argument: their CSV. Prints the
# version and durations, and for each stratum and day S, F1 and F2, each with its standard error.
suppressMessages(library(survival))
d <- read.csv(commandArgs(trailingOnly = TRUE)[1])
days <- c(180, 365, 730)
d$state <- factor(d$cause, 0:2)
seconds <- function(e) {
  t <- system.time(e)
  sprintf("%.1f s (%.1f s CPU)", t[["elapsed"]], t[["user.self"]] + t[["sys.self"]])
}
km <- seconds(k <- survfit(Surv(exit, cause > 0) ~ stratum, d, se.fit = TRUE))
aj <- seconds(a <- survfit(Surv(exit, state) ~ stratum, d))
cat(sprintf("R %s, survival %s  Kaplan-Meier %s, Aalen-Johansen %s\n", getRversion(), packageVersion("survival"), km, aj))
s <- summary(k, times = days, extend = TRUE)
m <- summary(a, times = days, extend = TRUE)
stopifnot(all(as.character(s$strata) == as.character(m$strata)), all(s$time == m$time))
cat(sprintf("%s %d %.17g %.17g %.17g %.17g %.17g %.17g\n", sub("stratum=", "", s$strata), as.integer(s$time),
  s$surv, s$std.err, m$pstate[, 2], m$std.err[, 2], m$pstate[, 3], m$std.err[, 3]), sep = "")
