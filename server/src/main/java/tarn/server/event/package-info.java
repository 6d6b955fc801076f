/** The lake's streams as other doors than the lake's own see them. */
@NullMarked
package tarn.server.event;

import org.jspecify.annotations.NullMarked;
