/** The one IPC channel between the window and the host. */
export const CHANNEL = 'sockeye';
