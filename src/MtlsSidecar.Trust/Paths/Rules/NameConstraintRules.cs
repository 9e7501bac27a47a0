using MtlsSidecar.Trust.Paths.Extensions;
using MtlsSidecar.Trust.Paths.Names;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Paths.Rules;

/// <summary>An authority's name constraints over the names of all certificates below it (RFC 5280 §4.2.1.10, §6.1.3(b), (c)).</summary>
internal static class NameConstraintRules
{
    /// <summary>Gives the refusal, or null.</summary>
    public static PeerRejection? Check(NameConstraints? constraints, IReadOnlyList<ParsedCertificate> below, SearchBounds bounds)
    {
        if (constraints is null)
        {
            return null;
        }

        for (var i = 0; i < below.Count; i++)
        {
            // Self-issued certificates serve key rollover and may bear the authority's own name; a leaf may not.
            if ((i == 0 || !below[i].IsSelfIssued) && CheckOne(constraints, below[i], bounds) is { } refused)
            {
                return refused;
            }
        }

        return null;
    }

    private static PeerRejection? CheckOne(NameConstraints constraints, ParsedCertificate certificate, SearchBounds bounds)
    {
        var subject = certificate.SubjectName;
        var names = certificate.SubjectAlternativeNames;
        if (!bounds.TakeNameComparisons(CountComparisons(constraints, names, subject.EmailAddresses.Count)))
        {
            return bounds.Exceeded;
        }

        if (!subject.IsEmpty && Conflict(constraints, GeneralName.ForDirectory(subject)) is { } inSubject)
        {
            return Refuse(inSubject);
        }

        // RFC 5280 demands this only of certificates without alternative names; the platform does it always, and so do we.
        foreach (var address in subject.EmailAddresses)
        {
            if (Conflict(constraints, GeneralName.ForMailbox(address)) is { } inAddress)
            {
                return Refuse(inAddress);
            }
        }

        foreach (var name in names)
        {
            if (Conflict(constraints, name) is { } inName)
            {
                return Refuse(inName);
            }
        }

        return null;

        PeerRejection Refuse(string detail) => new(RejectionReason.NameConstraint, detail, "RFC 5280 §6.1.3(b), (c)", certificate.SubjectText);
    }

    /// <summary>How many pairs of a name and a subtree of its form there are, the subject's own names included.</summary>
    private static long CountComparisons(NameConstraints constraints, IReadOnlyList<GeneralName> names, int mailboxesInSubject)
    {
        var namesByKind = names.CountBy(name => name.Kind).ToDictionary();
        namesByKind[GeneralNameKind.DirectoryName] = namesByKind.GetValueOrDefault(GeneralNameKind.DirectoryName) + 1;
        namesByKind[GeneralNameKind.Rfc822Name] = namesByKind.GetValueOrDefault(GeneralNameKind.Rfc822Name) + mailboxesInSubject;
        return namesByKind.Sum(count => (long)count.Value * (constraints.PermittedFor(count.Key).Count() + constraints.ExcludedFor(count.Key).Count()));
    }

    private static string? Conflict(NameConstraints constraints, GeneralName name)
    {
        var isConstrained = false;
        var isPermitted = false;
        foreach (var subtree in constraints.PermittedFor(name.Kind))
        {
            isConstrained = true;
            isPermitted |= IsComparable(name) && NameSubtree.Covers(subtree, name);
        }

        if (isConstrained && !isPermitted)
        {
            return $"{name} is outside the permitted subtrees";
        }

        foreach (var subtree in constraints.ExcludedFor(name.Kind))
        {
            if (!IsComparable(name) || NameSubtree.Touches(subtree, name))
            {
                return $"{name} is inside an excluded subtree";
            }
        }

        return null;
    }

    /// <summary>A name of a form that we can't compare, or a malformed one, is refused where its form is constrained: the RFC's "process or reject".</summary>
    private static bool IsComparable(GeneralName name) => NameSubtree.IsSupported(name.Kind) && NameSubtree.IsComparable(name);
}
