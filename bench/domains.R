# The other side of `bench domains`: R's survey package on the same panel.
# Arguments: the panel's CSV, the number of domains to estimate. Prints seconds
# and the estimates of those domains, one per line.
args <- commandArgs(trailingOnly = TRUE)
suppressMessages(library(survey))
d <- read.csv(args[1], colClasses = c(a = "factor", b = "factor", c = "factor"))
totals <- read.csv(args[2], colClasses = c(class = "character"))
domains <- as.integer(args[3])
begin <- proc.time()[["elapsed"]]
design <- svydesign(id = ~1, weights = ~w, data = d)
population <- c(`(Intercept)` = sum(totals$total[totals$margin == "a"]))
for (m in c("a", "b", "c")) {
  t <- totals[totals$margin == m, ]
  population <- c(population, setNames(t$total[-1], paste0(m, t$class[-1])))
}
raked <- calibrate(design, ~a + b + c, population, calfun = "raking", epsilon = 1e-13, maxit = 100)
calibrated <- proc.time()[["elapsed"]]
for (r in seq_len(domains) - 1) {
  y <- as.numeric(d$region == r)
  t <- svytotal(y, raked)
  cat(sprintf("%d %.17g %.17g\n", r, coef(t)[[1]], SE(t)[[1]]))
}
cat(sprintf("seconds %.3f %.3f\n", calibrated - begin, proc.time()[["elapsed"]] - calibrated))
