/** Zooming with buttons, and how large the map is shown. The actions of the same names press them. */
import { Maximize, ZoomIn, ZoomOut } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '../../components/button.tsx';
import { t } from '../../i18n/index.ts';
import type { MapView } from './use-view.ts';

export function MapTools({ shown }: { shown: MapView }): ReactNode {
  const percent = Math.round(shown.view.scale * 100);
  return (
    <div className="map-tools" role="toolbar" aria-label={t('map.tools')}>
      <IconButton label={t('action.mapOut')} data-map="out" onClick={() => shown.zoomBy(-1)}>
        <ZoomOut aria-hidden />
      </IconButton>
      <button
        type="button"
        className="map-percent number"
        data-map="actual"
        aria-label={t('map.actual', { percent })}
        onClick={shown.actualSize}
      >
        {percent} %
      </button>
      <IconButton label={t('action.mapIn')} data-map="in" onClick={() => shown.zoomBy(1)}>
        <ZoomIn aria-hidden />
      </IconButton>
      <IconButton label={t('action.mapFit')} data-map="fit" onClick={shown.fitAll}>
        <Maximize aria-hidden />
      </IconButton>
    </div>
  );
}
