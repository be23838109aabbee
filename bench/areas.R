# The other side of `bench areas`: the same areas in R, by package sae where it is
# installed and by the formulas written out where it is not. Argument: the sampled
# areas' CSV. Prints which, seconds, and each area's estimate and mean squared error.
d <- read.csv(commandArgs(trailingOnly = TRUE)[1])
X <- cbind(1, as.matrix(d[, grep("^x", names(d))]))
bySae <- function() {
  m <- sae::mseFH(d$y ~ X - 1, d$v, method = "REML", PRECISION = 1e-12, MAXITER = 200)
  list(estimate = as.vector(m$est$eblup), mse = as.vector(m$mse))
}
byHand <- function() {
  s <- median(d$v)
  repeat { # Fisher scoring of the restricted likelihood
    v <- 1 / (s + d$v)
    Q <- solve(crossprod(X * v, X))
    beta <- Q %*% crossprod(X * v, d$y)
    r <- as.vector(d$y - X %*% beta)
    QS <- Q %*% crossprod(X * v^2, X)
    score <- (sum((v * r)^2) - sum(v) + sum(diag(QS))) / 2
    information <- (sum(v^2) - 2 * sum(Q * crossprod(X * v^3, X)) + sum(QS * t(QS))) / 2
    after <- max(0, s + score / information)
    if (abs(after - s) < 1e-13 * (s + 1)) break
    s <- after
  }
  g <- s * v
  g2 <- (1 - g)^2 * rowSums((X %*% Q) * X)
  list(estimate = as.vector(X %*% beta) + g * r, mse = g * d$v + g2 + 2 * d$v^2 * v^3 * 2 / sum(v^2))
}
with <- if (requireNamespace("sae", quietly = TRUE)) paste0("sae-", packageVersion("sae")) else "formulas"
begin <- proc.time()[["elapsed"]]
times <- if (with == "formulas") 20 else 1
for (k in seq_len(times)) out <- if (with == "formulas") byHand() else bySae()
cat(sprintf("seconds %s %.6f\n", with, (proc.time()[["elapsed"]] - begin) / times))
cat(sprintf("%d %.17g %.17g\n", seq_along(d$y) - 1, out$estimate, out$mse), sep = "")
