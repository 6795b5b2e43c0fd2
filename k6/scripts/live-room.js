// One speaks to all in a live room. One k6 user runs the whole fleet; with --execution-segment give
// PROCESSES, so that each process has one, the same RUN, and a RESULT each.
import { check } from 'k6';
import { fleet } from 'k6/x/imsim';

export const options = {
  scenarios: { fleet: { executor: 'per-vu-iterations', vus: Number(__ENV.PROCESSES || 1), iterations: 1, maxDuration: '24h' } },
  thresholds: {
    checks: ['rate==1'],
    imsim_lost: ['count==0'],
    imsim_duplicated: ['count==0'],
    imsim_latency_delivered: [`p(99)<${__ENV.P99 || 1000}`],
  },
};

export default function () {
  const result = fleet({
    workload: 'live-room', users: Number(__ENV.USERS || 1000), rate: Number(__ENV.RATE || 5),
    duration: __ENV.DURATION || '30s', seed: Number(__ENV.SEED || 1), run: __ENV.RUN || 'k6', target: __ENV.IMSIM_URL, result: __ENV.RESULT,
  });
  check(result, {
    'every message came once, in order': ({ account: a }) => a.lost + a.duplicated + a.outOfOrder + a.unexpected === 0,
    'nothing failed': (r) => Object.keys(r.errors).length === 0,
  });
}
