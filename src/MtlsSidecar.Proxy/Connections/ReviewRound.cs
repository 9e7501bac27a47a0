namespace MtlsSidecar.Proxy.Connections;

/// <summary>What a change asks to be judged again.</summary>
/// <param name="IsConcerned">The connections.</param>
/// <param name="IsUrgent">Those of them that come first.</param>
internal sealed record ReviewRound(Func<LiveConnection, bool> IsConcerned, Func<LiveConnection, bool> IsUrgent);
