// What the scripts of the workloads share. One k6 user runs the whole fleet;
// with --execution-segment give PROCESSES, so that each process has one, the
// same RUN, and a RESULT each. USERS, RATE, DURATION, SEED and P99, in
// milliseconds, replace what a script says.
import { check } from 'k6';
import { fleet } from 'k6/x/imsim';

const env = (name, standard) => Number(__ENV[name] || standard);

// judgedBy are the options of a test: every message once, in time by a latency.
export function judgedBy(latency) {
  return {
    scenarios: { fleet: { executor: 'per-vu-iterations', vus: env('PROCESSES', 1), iterations: 1, maxDuration: '24h' } },
    thresholds: {
      checks: ['rate==1'],
      imsim_lost: ['count==0'],
      imsim_duplicated: ['count==0'],
      [`imsim_latency_${latency}`]: [`p(99)<${env('P99', 1000)}`],
    },
  };
}

// run carries a load out and checks its account.
export function run(spec) {
  const result = fleet({
    ...spec, users: env('USERS', spec.users), rate: env('RATE', spec.rate), seed: env('SEED', 1),
    duration: __ENV.DURATION || '30s', run: __ENV.RUN, target: __ENV.IMSIM_URL, result: __ENV.RESULT,
  });
  check(result, {
    'every message came once, in order': ({ account: a }) => a.lost + a.duplicated + a.outOfOrder + a.unexpected === 0,
    'nothing failed': (r) => Object.keys(r.errors).length === 0,
  });
}
