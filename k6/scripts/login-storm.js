// Users come, and come again.
import { judgedBy, run } from './fleet.js';

export const options = judgedBy('ready');
export default () => run({ workload: 'login-storm', users: 2000, rate: 100 });
