# Forty spells entered late, with weights and clusters, as R 4.2.2 with survival 3.5-3 has
# them: what TestLateWeightedClustered holds. Writes late.csv.
library(survival)
options(digits = 15)
set.seed(7)
n <- 40
entry <- c(rep(0, 15), sample(1:8, 25, TRUE))
exit <- pmax(entry, 2) + sample(1:20, n, TRUE)
cause <- sample(0:2, n, TRUE, c(.4, .35, .25))
w <- sample(c(.5, 1, 1.7, 3.2), n, TRUE)
cl <- sample(1:18, n, TRUE)
d <- data.frame(entry, exit, cause, w, cl)
write.table(d, "late.csv", row.names = FALSE, sep = ",", quote = FALSE)
d$state <- factor(d$cause, 0:2)
d$id <- 1:n
days <- c(8, 13, 18)
one <- Surv(entry, exit, cause > 0) ~ 1
states <- Surv(entry, exit, state) ~ 1
km <- function(f) with(summary(f, times = days), cbind(n.risk, surv, std.err))
aj <- function(f) with(summary(f, times = days), cbind(pstate, std.err))
km(survfit(one, d))
km(survfit(one, d, weights = w, id = id, robust = TRUE))
km(survfit(one, d, weights = w, id = id, cluster = cl))
aj(survfit(states, d, id = id))
aj(survfit(states, d, weights = w, id = id))
# With id, cluster is not read for several states: residuals are summed by cluster.
r <- resid(survfit(states, d, weights = w, id = id), times = days, type = "pstate", weighted = TRUE)
sapply(1:3, function(state) sqrt(colSums(rowsum(r[, , state], cl)^2)))
summary(survfit(one, d, weights = w), times = days, rmean = 18)$table[["rmean"]]
r <- resid(survfit(one, d, weights = w, id = id), times = 18, type = "auc", weighted = TRUE)
sqrt(sum(rowsum(as.vector(r), cl)^2))
survdiff(Surv(exit, cause > 0) ~ I(cl %% 3), d)$chisq
survdiff(Surv(exit, cause > 0) ~ I(cl %% 3), d, rho = 1)$chisq
