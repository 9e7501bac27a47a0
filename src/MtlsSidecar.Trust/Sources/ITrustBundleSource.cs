namespace MtlsSidecar.Trust.Sources;

/// <summary>Gives the current trust bundles.</summary>
public interface ITrustBundleSource
{
    /// <summary>The bundles now in force together with a number that grows whenever they change.</summary>
    (TrustBundleSet Bundles, long Generation) Current { get; }
}
