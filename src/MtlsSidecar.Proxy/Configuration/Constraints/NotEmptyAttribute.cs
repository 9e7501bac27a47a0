namespace MtlsSidecar.Proxy.Configuration.Constraints;

/// <summary>
/// On a list or a section that narrows something: an empty one is an error. Absent means "all", so an empty list would either widen
/// what was meant to be narrow or silently match nothing; the operator has to say which.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
internal sealed class NotEmptyAttribute : Attribute;
