/** Who may sign in to a service, for tests of our own that go through it as a client. */
import type { Plan } from '../plan.ts';
import type { Credentials } from '../roles.ts';

/** Somebody who may sign in; null when everybody may use it. */
export function userOf(plan: Plan, name: string): Credentials | null {
  const service = plan.services.find((candidate) => candidate.name === name);
  const shared = plan.authers.filter((auther) => service?.authers.includes(auther.name) === true);
  const users = [...(service?.users ?? []), ...shared.flatMap((auther) => auther.users)];
  return users[0] ?? null;
}
