import type { Command } from '../../../contract/commands';

/** A command in the words of its user, short enough for a line of a list. */
export function describeCommand(command: Command): string {
  switch (command.type) {
    case 'scene.take':
      return `Take ${command.sceneId}`;
    case 'engine.update':
      return Object.entries(command.patch)
        .map(([knob, value]) => `${knob} ${format(value)}`)
        .join(', ');
    case 'engine.set':
      return command.engine === null
        ? `Engine off ${command.layerId}`
        : `Engine on ${command.layerId}: ${command.engine.prompt}`;
    case 'layer.update':
    case 'strip.update': {
      const id = command.type === 'layer.update' ? command.layerId : command.stripId;
      const changes = Object.entries(command.patch).map(([name, value]) => `${name} ${format(value)}`);
      return `${id}: ${changes.join(', ')}`;
    }
    case 'layer.pause':
      return `${command.paused ? 'Pause' : 'Play'} ${command.layerId}`;
    case 'layer.seek':
      return `Seek ${command.layerId} to ${(command.positionUs / 1e6).toFixed(2)} s`;
    case 'layer.add':
      return `Add ${command.layer.name}`;
    case 'master.update':
      return `Master ${command.gainDb.toFixed(1)} dB`;
    case 'live.start':
      return `Go live on ${command.destinationId}`;
    case 'live.stop':
      return `End live on ${command.destinationId}`;
    default: {
      const [subject, verb] = command.type.split('.');
      const sentence = `${verb} ${subject}`;
      return sentence[0]!.toUpperCase() + sentence.slice(1);
    }
  }
}

function format(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(2);
  if (typeof value === 'string') return `“${value}”`;
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return value === null ? 'none' : 'changed';
}
