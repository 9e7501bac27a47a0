using System.Globalization;

namespace MtlsSidecar.Authority.Storage;

/// <summary>The clock is behind what this data directory has seen: certificates issued now would begin and end at the wrong time.</summary>
internal sealed class ClockMovedBackException(DateTimeOffset now, DateTimeOffset latest) : Exception(string.Create(
    CultureInfo.InvariantCulture,
    $"The clock says {now:u}, but this authority has already been at work at {latest:u}. Nothing is issued until the clock is right; if it is right now and was wrong before, run: mtls-authority check --accept-clock"));
